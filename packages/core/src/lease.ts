// The right to write a folder, of which there is one at a time (docs/operate/sessions.md): for the other packages of this repository.

export { Lease, type LeaseOptions } from './session/lease/lease.js';
