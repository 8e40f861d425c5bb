export { type ReadPeftOptions, readPeftAdapter } from './peft/node/read.js';
export { type WritePeftOptions, writePeftAdapter } from './peft/node/write.js';
