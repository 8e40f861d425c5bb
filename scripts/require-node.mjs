// Runs in each of vitest's forks before its tests, where scripts/node-versions.mjs says which Node they are for.
const wanted = process.env.POT_NODE_VERSION;
if (process.version !== wanted) throw new Error(`this fork runs on Node ${process.version}, not ${wanted}`);
