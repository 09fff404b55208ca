/** Measures in a process of its own, of code as a package has it. */
import type { Measurement } from '../measurement';
import { packaged } from '../packaged';
import type { Policy } from '../policy';

/**
 * @param file a module of this folder, without its extension
 * @param name of its function that measures
 */
export const inPackage =
  (file: string, name: string) =>
  async (policy: Policy): Promise<readonly Measurement[]> => {
    const { execa } = await import('execa');
    const program = await packaged(`
      require('./bench/policy').setPolicy('${policy}');
      require('./bench/machines/${file}').${name}().then((measured) => console.log(JSON.stringify(measured)));
    `);
    try {
      const { stdout } = await execa(process.execPath, [program.file]);
      return JSON.parse(stdout) as readonly Measurement[];
    } finally {
      program.remove();
    }
  };
