/**
 * Writes a log until it is killed, and says each index when it is acknowledged.
 * node writer.mjs DIR SIGNERS(JSON) EVENTS_AT_ONCE [PUBLISH_MS] [PADDING]
 */
import { EventLog } from '../../dist/node.js';

const [dir, signers, atOnce, publishEveryMs = '20', padding = '0'] = process.argv.slice(2);
const log = await EventLog.open({
  dir,
  signers: JSON.parse(signers),
  publishEveryMs: Number(publishEveryMs),
  waitMs: 10_000,
});
process.stdout.write('open\n');
try {
  for (let round = 0; ; round++) {
    const events = Array.from({ length: Number(atOnce) }, (_, i) => ({
      type: 'round',
      fields: { round, i, process: process.pid, padding: 'x'.repeat(Number(padding)) },
    }));
    for (const { index, id } of await Promise.all(events.map((event) => log.append(event))))
      process.stdout.write(`${index} ${id}\n`);
  }
} catch (e) {
  process.stdout.write(`failed ${e.code}\n`);
}
