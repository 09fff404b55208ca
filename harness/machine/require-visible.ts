import type { Vm } from '../../hypervisor';
import { AuthorError } from '../author-error';

/** @throws AuthorError (`confidential`) for a VM that not even the test may look into */
export function requireVisible(where: string, { name, definition }: Pick<Vm, 'name' | 'definition'>): void {
  if (definition.confidential !== 'nobody') return;
  throw new AuthorError({
    code: 'confidential',
    where,
    what: `“${name}” is confidential: nobody may look into its memory, registers and media.`,
    mend: `Ask it by its channels; or declare that the test may: vms.${name}.confidential: { visibleTo: 'test' }.`,
  });
}
