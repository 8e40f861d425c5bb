// A page that bundlers take without settings: it verifies on its own thread, and in a module worker.
import { verify } from './verify.js';

const names = ['bundle.json', 'forged.json', 'aggregate.json'];
const [good, forged, aggregate] = names.map((name) => new URL(name, document.baseURI).href);

function inWorker(files) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (e) => resolve(`failed: ${e.message}`);
    worker.postMessage(files);
  });
}

Promise.all([verify([good], aggregate), inWorker({ bundles: [good, forged], aggregate })]).then(
  ([here, there]) => {
    document.title = `page: ${here}; worker: ${there}`;
  },
);
