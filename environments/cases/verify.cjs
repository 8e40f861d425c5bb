// CommonJS, by `await import`.
const { readFileSync } = require('node:fs');

async function main() {
  const { verifyTrainingRun } = await import('@proof-of-training/verifier');
  const { ok } = await verifyTrainingRun(JSON.parse(readFileSync('bundle.json', 'utf8')));
  if (!ok) throw new Error('the run does not verify');
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
