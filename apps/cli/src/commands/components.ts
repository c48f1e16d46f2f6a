import type { Command } from 'commander';
import { componentKinds } from '@holdfast/components';
import type { AddAction } from '../command-tools.ts';
import { collect } from './arguments.ts';
import { download, initialise as initialiseClient, refresh as refreshClient } from './components-client.ts';
import { initialise, publish, refresh, rotateKeys, sign } from './components-publisher.ts';
import { list, verify } from './components-report.ts';
import { createKey, withKeys } from './signing-keys.ts';

const folderText = 'folder of the repository';

/** What a publisher does with the folder of a repository, and the update client alone. No server is asked. */
export function addComponentCommands(program: Command, addAction: AddAction): void {
  const components = program
    .command('components')
    .description('publish components, sign for them, and check what is published');
  addAction(
    components
      .command('create-key')
      .description('create a key pair to sign with; the private half is encrypted with a passphrase')
      .argument('<file>', 'where the private key is put; the public one gets .pub after its name')
      .option(
        '--passphrase-file <file>',
        'file whose first line is the passphrase; without it you are asked',
      ),
    createKey,
  );
  addAction(
    withKeys(
      components
        .command('init')
        .description('create a repository with the keys that its roles have from now on')
        .argument('<folder>', folderText)
        .option('--root <file>', 'public key that may change all others; may be repeated', collect)
        .option('--root-threshold <n>', 'how many of them have to sign', '1')
        .option('--targets <file>', 'public key that vouches for components; may be repeated', collect)
        .option('--targets-threshold <n>', 'how many of them have to sign', '1')
        .option(
          '--online <file>',
          'public key of the computer that serves the folder; may be repeated',
          collect,
        )
        .option('--feeds', 'the online key may also bring in patterns, rules and engines by itself'),
    ).addHelpText(
      'after',
      '\nThe keys of root and targets stay offline: docs/signing-keys.md says how.\n\nExample:\n  holdfast components init repository --root a.pub --root b.pub --root c.pub --root-threshold 2 \\\n    --targets a.pub --targets b.pub --targets-threshold 2 --online server.pub --key a --key b --key server\n',
    ),
    initialise,
  );
  addAction(
    withKeys(
      components
        .command('publish')
        .description('publish a release of a component')
        .argument('<folder>', folderText)
        .argument('<file>', 'the whole file of the release')
        .requiredOption('--component <id>', 'lower-case letters, digits and hyphens')
        .requiredOption('--version <text>', 'for people, e.g. 2026.12.1')
        .option('--release <n>', 'greater than every release before; without it the next number')
        .option('--kind <kind>', `${componentKinds.join(', ')}; as before where the component is known`)
        .option('--title <text>', 'what people call it')
        .option('--platform <platform>', 'any, linux, linux-x64, windows, …; may be repeated', collect)
        .option('--handler <name>', 'what on the device verifies and switches it')
        .option('--depends <id[:release]>', 'a component that must be there; may be repeated', collect)
        .option('--urgent', 'nobody waits for a random delay with it')
        .option('--feed', 'signed for by the online key'),
    ).addHelpText(
      'after',
      '\nExample:\n  holdfast components publish repository rules.tar --component site-rules --version 2026.12.1 \\\n    --kind rules --handler rule-files --key a --key b --key server\n',
    ),
    publish,
  );
  addAction(
    components
      .command('list')
      .description('what is published, who signs for it, and until when it is good')
      .argument('<folder>', folderText),
    list,
  );
  addAction(
    withKeys(
      components
        .command('sign')
        .description('sign what waits for signatures; it is published with the last one')
        .argument('<folder>', folderText)
        .option('--renew <role>', 'root or targets: sign the same again, so that it lasts longer')
        .option('--discard', 'give up what waits'),
    ),
    sign,
  );
  addAction(
    withKeys(
      components
        .command('refresh')
        .description('sign with the online key that all of it is still the newest; at least once a day')
        .argument('<folder>', folderText),
    ),
    refresh,
  );
  addAction(
    withKeys(
      components
        .command('rotate-keys')
        .description('give one role or several other keys')
        .argument('<folder>', folderText)
        .argument('<roles...>', 'root, targets, snapshot, timestamp, feeds')
        .option('--public <file>', 'a public key of the role from now on; may be repeated', collect)
        .option('--threshold <n>', 'how many of them have to sign', '1'),
    ).addHelpText(
      'after',
      '\nName all keys that the roles are to have; the others are taken from them.\n\nExample, after the online key was stolen:\n  holdfast components rotate-keys repository snapshot timestamp feeds --public new.pub \\\n    --key a --key b --key old --key new\n',
    ),
    rotateKeys,
  );
  addAction(
    components
      .command('verify')
      .description('check every signature, hash and file; exit status 3 when something is wrong')
      .argument('<folder>', folderText),
    verify,
  );
  addClientCommands(components, addAction);
}

function addClientCommands(components: Command, addAction: AddAction): void {
  const client = components.command('client').description('follow a repository, as an agent does');
  const withMetadata = (command: Command): Command =>
    command.requiredOption('--metadata-dir <folder>', 'where verified metadata are kept');
  const withAddress = (command: Command): Command =>
    withMetadata(command).requiredOption('--metadata-url <address>', 'address or folder of the metadata');
  addAction(
    withMetadata(
      client
        .command('init')
        .description('trust a repository by its root, which came a way that you trust')
        .argument('<root>', 'file with the root metadata'),
    ),
    initialiseClient,
  );
  addAction(
    withAddress(client.command('refresh').description('verify what is newest, and say what there is')),
    refreshClient,
  );
  addAction(
    withAddress(client.command('download').description('fetch files, and verify them'))
      .option('--target-name <path>', 'what metadata call the file; may be repeated', collect)
      .requiredOption('--target-base-url <address>', 'address or folder of the files')
      .requiredOption('--target-dir <folder>', 'where they are put')
      .addHelpText(
        'after',
        '\nExample:\n  holdfast components client download --metadata-dir trusted --metadata-url https://host/repository/metadata \\\n    --target-base-url https://host/repository/targets --target-dir files --target-name components/site-rules/7/full\n',
      ),
    download,
  );
}
