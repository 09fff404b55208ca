/** Measures in a process of its own, of code as a package has it. */
import type { Measurement } from '../measurement';
import { outputInPackage } from '../packaged';
import type { Policy } from '../policy';

/**
 * @param file a module of this folder, without its extension
 * @param name of its function that measures
 */
export const inPackage =
  (file: string, name: string) =>
  async (policy: Policy): Promise<readonly Measurement[]> => {
    const measured = await outputInPackage(`
      import { setPolicy } from './bench/policy';
      import { ${name} } from './bench/machines/${file}';
      setPolicy('${policy}');
      void ${name}().then((measured) => console.log(JSON.stringify(measured)));
    `);
    return JSON.parse(measured) as readonly Measurement[];
  };
