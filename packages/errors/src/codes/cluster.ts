/** Codes of errors: proofs on many machines. */
export const cluster = {
  CLUSTER_ARTEFACT: {
    text: 'What lies in the folder that trainer and workers share is missing, too large or altered, or the folder is another one.',
    hint: 'Mount one folder on all machines, and see that it has space.',
  },
  CLUSTER_FAILED: {
    text: 'A proof was tried several times by workers and given up.',
    hint: 'The causes are in details; pot cluster status lists them too.',
  },
  CLUSTER_IDENTITY: {
    text: "A worker's keys, or the list of workers, cannot be read or are none.",
    hint: 'pot cluster key makes keys and prints the line for the list.',
  },
  CLUSTER_MESSAGE: {
    text: 'A job or result in the queue does not fit its format, or is not signed by who is said to have made it.',
    hint: 'Use one version of the package on all machines; see who else may write into the queue.',
  },
  CLUSTER_MISSING: {
    text: 'The configuration names a queue, and the package for queues is not installed.',
    hint: 'Install @proof-of-training/cluster beside core, or leave prover.queue and ZK_QUEUE out.',
  },
  CLUSTER_NO_WORKER: {
    text: 'No worker of the list is there, or none that is large enough.',
    hint: 'Start one with pot worker; the message says what is missing.',
  },
  CLUSTER_QUEUE: {
    text: 'Redis cannot be reached, refuses, could lose jobs, or has a queue of another version.',
    hint: 'Check prover.queue (ZK_QUEUE), password and certificate; start Redis with maxmemory-policy noeviction.',
  },
  CLUSTER_REVOKED: {
    text: 'A worker is not, or not any more, among those who may have a witness.',
    hint: "Its line has to stand in the trainer's list of workers.",
  },
  REDIS_MISSING: {
    text: 'Neither redis-server nor valkey-server is installed on this machine.',
    hint: 'apt-get install redis-server, or give the address of one that runs (ZK_QUEUE).',
  },
  S3_MISSING: {
    text: 'Artefacts are to lie in S3, and the package for it is not installed.',
    hint: 'Install @aws-sdk/client-s3, or name a shared folder.',
  },
} as const;
