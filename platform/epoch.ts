/** The date and time at which a machine boots: what its real-time clocks begin with. */

/** The epoch of a system that declares none. */
export const DEFAULT_EPOCH = '2025-01-01T00:00:00Z';

const FORMAT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;
const SECONDS_PER_DAY = 86_400;
const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FIRST_YEAR = 1970;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysOfMonth = (year: number, month: number): number =>
  DAYS_OF_MONTHS[month - 1]! + (month === 2 && isLeap(year) ? 1 : 0);
/** Leap years from year 1 to `year`, in the Gregorian calendar. */
const leapYearsTo = (year: number): number =>
  Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);

/**
 * Seconds from 1970-01-01 UTC to a moment written as `2030-12-31T23:59:59Z` (ISO 8601), from 1970 to 9999;
 * undefined when it is no such moment.
 */
export function secondsSinceUnixEpoch(text: string): number | undefined {
  const parts = FORMAT.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (year < FIRST_YEAR || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  if (day < 1 || day > daysOfMonth(year, month)) return undefined;
  let days = (year - FIRST_YEAR) * 365 + leapYearsTo(year - 1) - leapYearsTo(FIRST_YEAR - 1) + day - 1;
  for (let earlier = 1; earlier < month; earlier++) days += daysOfMonth(year, earlier);
  return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}
