export * from './peft/index.js';
