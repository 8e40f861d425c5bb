export { anvilAccount } from './accounts.js';
export { anvilBinary } from './binary.js';
export { type Anvil, type AnvilOptions, freePort, startAnvil } from './startAnvil.js';
