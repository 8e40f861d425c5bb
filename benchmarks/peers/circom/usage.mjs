// Preloaded into snarkjs: what the process used, as its last line on standard error.
import { writeSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeSync(2, `\n${JSON.stringify(usage)}\n`);
});
