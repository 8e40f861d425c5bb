// What `pot` of @proof-of-training/core adds to its commands where this package is installed beside it; no promise of stability.

export { auditCommand as addCommands } from './cli/audit.js';
