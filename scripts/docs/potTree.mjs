/** Prints the commands of `pot` and their options as JSON: `{ name, options, commands }`. Of what is built: tsc -b. */
import { anchorCommand } from '../../packages/blockchain/dist/cli/anchor.js';
import { chainCommand } from '../../packages/blockchain/dist/cli/chain.js';
import { checkChainCommand } from '../../packages/blockchain/dist/cli/checkChain.js';
import { drawCommand } from '../../packages/blockchain/dist/cli/draw.js';
import { addCommands as addCluster } from '../../packages/cluster/dist/pot.js';
import { potProgram } from '../../packages/core/dist/cli.js';
import { addCommands } from '../../packages/ledger/dist/pot.js';

function treeOf(command) {
  return {
    name: command.name(),
    options: ['--help', '-h', ...command.options.flatMap(({ short, long }) => [short, long]).filter(Boolean)],
    commands: command.commands.map(treeOf),
  };
}

const program = potProgram();
anchorCommand(program);
checkChainCommand(program);
chainCommand(program);
drawCommand(program);
addCommands(program);
addCluster(program);
console.log(JSON.stringify(treeOf(program)));
