"""The trial as data: `model` has the shape of a protocol, `nct05315778` the content."""
