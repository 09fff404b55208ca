import { type Rule } from '../rule';
import { isSource, type SourceFile } from '../source-tree';

/** How deep folders have a page of their own; those below are told of in the page above. */
const DEPTH: Readonly<Record<string, number>> = {
  platform: 2,
  hypervisor: 2,
  harness: 2,
  fixtures: 2,
  specs: 1,
  bench: 1,
  docs: 1,
};

function foldersThatNeedAPage({ path }: SourceFile): string[] {
  const folders = path.split('/').slice(0, -1);
  const depth = DEPTH[folders[0] ?? ''] ?? 0;
  return folders.slice(0, depth).map((_, index) => folders.slice(0, index + 1).join('/'));
}

const tree = (...paths: string[]): readonly SourceFile[] => paths.map((path) => ({ path, text: '' }));

export const guidedFolders: Rule = {
  name: 'explains every folder in a README.md',
  why: 'a newcomer must see what belongs in a folder, what does not, and how to add one',
  complaints: (files) => {
    const paths = new Set(files.map(({ path }) => path));
    return [...new Set(files.filter(isSource).flatMap(foldersThatNeedAPage))]
      .filter((folder) => !paths.has(`${folder}/README.md`))
      .map((folder) => `${folder}/ has no README.md`);
  },
  broken: {
    'a folder of code': tree('hypervisor/README.md', 'hypervisor/vm/vm.ts'),
    'a fixture': tree('fixtures/README.md', 'fixtures/a/main.c'),
    'a folder of folders': tree('harness/cli/main.ts', 'harness/cli/README.md'),
  },
  kept: {
    'told of above': tree('platform/README.md', 'platform/sdk/README.md', 'platform/sdk/source/crt0.S'),
    'no code in it': tree('docs/pictures/a.png'),
  },
};
