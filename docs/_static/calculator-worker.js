// Python for the calculator page, in a thread of its own so that the page stays responsive.
// It loads Pyodide and the wheels from the site itself and talks in messages:
// in {id, tool, given, lang}; out {kind: "progress" | "ready" | "answer" | "failed", ...}.

const say = (kind, more) => postMessage({ kind, ...more });
let compute = null;

// Count the bytes of everything that is fetched: real progress, whatever the server compresses.
function counted(total) {
  const plain = self.fetch.bind(self);
  let loaded = 0;
  self.fetch = async (...request) => {
    const response = await plain(...request);
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    const counter = new TransformStream({
      transform(chunk, out) {
        loaded += chunk.byteLength;
        say("progress", { step: loaded < total ? "loading" : "starting", loaded, total });
        out.enqueue(chunk);
      },
    });
    const { headers, status, statusText } = response;
    return new Response(response.body.pipeThrough(counter), { headers, status, statusText });
  };
}

async function load(files) {
  const manifest = await (await fetch(files + "manifest.json")).json();
  const { runtime, wheels } = manifest;
  const total =
    runtime["pyodide.asm.wasm"] +
    runtime["python_stdlib.zip"] +
    wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  counted(total);
  const packages = wheels.map(async ({ name }) =>
    (await fetch(files + "wheels/" + name)).arrayBuffer(),
  );
  const { loadPyodide } = await import(files + "pyodide/pyodide.mjs");
  const python = await loadPyodide({ indexURL: files + "pyodide/" });
  for (const archive of packages) {
    python.unpackArchive(new Uint8Array(await archive), "wheel");
  }
  compute = python.pyimport("itp_carT.calculator").run_json;
  say("ready", {});
}

let ready = null;

onmessage = async ({ data }) => {
  if (data.files) {
    ready = load(data.files);
    ready.catch((error) => say("failed", { message: String(error) }));
    return;
  }
  try {
    await ready;
    const answer = compute(data.tool, JSON.stringify(data.given), data.lang);
    say("answer", { id: data.id, answer: JSON.parse(answer) });
  } catch (error) {
    say("failed", { id: data.id, message: String(error) });
  }
};
