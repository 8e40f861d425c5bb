import { HDNodeWallet, Mnemonic, type Provider, Wallet } from 'ethers';

const MNEMONIC = 'test test test test test test test test test test test junk';

/**
 * Account `index` of Anvil's mnemonic. **Its key is public**: for local chains only.
 *
 * @example
 * const anvil = await startAnvil();
 * const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
 * const signer = anvilAccount(0, connection.provider);
 */
export function anvilAccount(index: number, provider: Provider): Wallet {
  const { privateKey } = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${index}`);
  return new Wallet(privateKey, provider);
}
