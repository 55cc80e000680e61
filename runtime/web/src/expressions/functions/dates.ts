/** Dates and moments: now, parts of a date, and months. */
import { addMonths, civil, dayIn } from "../calendar.ts";
import { count, integer } from "../exact.ts";
import { type Family, strict } from "../family.ts";
import type { Day, Moment } from "../values.ts";

export const dates: Family = {
  today: strict((environment) => environment.today),
  now: strict((environment) => environment.now),
  date_of: strict((environment, moment: Moment) => dayIn(moment, environment.timeZone)),
  add_months: strict((_, day: Day, months: bigint) => addMonths(day, count(months))),
  year: strict((_, day: Day) => integer(civil(day).year)),
  month: strict((_, day: Day) => integer(civil(day).month)),
  day: strict((_, day: Day) => integer(civil(day).day)),
};
