// What runs tasks elsewhere needs of this package's own pool: for the other packages of this repository.

export { requireTask } from './prove/checks.js';
export { poolOptions } from './prove/pool.js';
export { abortedError, closedError, Scheduler } from './prove/scheduler.js';
