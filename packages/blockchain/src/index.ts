export { codeHashAt, DEPLOYER, type Deployment, deploymentAddress, deployOnce } from './contracts/deploy.js';
export { registryArtifact } from './contracts/artifact.js';
export { type AggregateStatement, proofBytesOf, readStatement, STATEMENT_INPUTS } from './statement/statement.js';
