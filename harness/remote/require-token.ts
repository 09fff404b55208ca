import { AuthorError } from '../author-error';

const SHORTEST_TOKEN = 16;

/** @throws AuthorError (`bad-value`) for a token that is soon guessed */
export function requireToken(where: string, token: string): void {
  if (token.length >= SHORTEST_TOKEN) return;
  throw new AuthorError({
    code: 'bad-value',
    where,
    what: `a token of ${token.length} characters is soon guessed.`,
    mend: `Give at least ${SHORTEST_TOKEN}, such as randomBytes(24).toString('base64url').`,
  });
}
