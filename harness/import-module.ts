/**
 * Modules that users name. V8 forgets who may import when it is given code that it compiled before
 * (harness/cache/compiled-scripts.ts), so the command lets a file do it that is compiled each time.
 */
type Import = (url: string) => Promise<unknown>;

let importing: Import = (url) => import(url);

/** @param url of a file */
export const importModule: Import = (url) => importing(url);

export const importModulesBy = (by: Import): void => {
  importing = by;
};
