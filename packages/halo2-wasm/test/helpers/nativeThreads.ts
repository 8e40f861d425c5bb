import { readdirSync, readFileSync } from 'node:fs';

/** How many threads of native provers this process has now: the system lists them by the names that the addon gives. */
export function nativeThreads(): number {
  return readdirSync('/proc/self/task').filter((task) => nameOf(task).startsWith('pot-native-')).length;
}

function nameOf(task: string): string {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, 'utf8');
  } catch {
    return ''; // It has just ended.
  }
}
