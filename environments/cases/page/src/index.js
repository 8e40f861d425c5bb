// A page that bundlers take without settings: it verifies on its own thread, and in a module worker.
import { verify } from './verify.js';

const [good, forged] = ['bundle.json', 'forged.json'].map((name) => new URL(name, document.baseURI).href);

function inWorker(urls) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (e) => resolve(`failed: ${e.message}`);
    worker.postMessage(urls);
  });
}

Promise.all([verify([good]), inWorker([good, forged])]).then(([here, there]) => {
  document.title = `page: ${here}; worker: ${there}`;
});
