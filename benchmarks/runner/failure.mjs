// Preloaded into every child (node --import): what goes wrong there becomes its last line, as JSON with the error's code.
process.on('uncaughtException', (e) => {
  const { code, name, details } = e ?? {};
  const error = {
    code: name === 'PotError' ? code : 'CHILD_FAILED',
    message: e?.shortMessage ?? e?.message ?? String(e),
    ...(details?.reason && { reason: details.reason }),
  };
  console.error(e?.stack ?? e);
  console.log(JSON.stringify({ error }));
  process.exitCode = 1;
  setImmediate(() => process.exit(1));
});
