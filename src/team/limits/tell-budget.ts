/** How admins hear that a mark of the team's budget is reached: the Gate is given this (index.ts). */
import type { Crossing } from '../../domain/gate/spending.ts'
import { dollars } from '../../domain/money.ts'
import type { Env } from '../../env.ts'
import { membersByRole } from '../../records/people/teams.ts'
import { type Mail, sendMail } from '../mail/mail.ts'

/** Mails each admin and owner; the Gate tells each mark once in its day or month. */
export async function tellBudget(env: Env, team: string, crossing: Crossing): Promise<void> {
  const admins = await membersByRole(env.DB, team, 'admin')
  await Promise.all(admins.map(to => sendMail(env, budgetMail(to, crossing, env.BATON_URL))))
}

/** What it says, to whoever reads it. */
function budgetMail(to: string, { period, name, percent, spent, limit }: Crossing, url: string): Mail {
  const of = `the budget of ${dollars(limit)} for ${period === 'day' ? 'the day' : 'the month'} ${name}`
  const now =
    percent === 100
      ? `Model calls that no longer fit wait and go on by themselves when the next ${period} begins, or when you raise the budget. Nothing fails.`
      : `At 100 % model calls wait until the next ${period} begins, or until you raise the budget. Nothing fails.`
  return {
    to,
    subject:
      percent === 100
        ? `Your team’s budget for the ${period} is used up`
        : `80 % of your team’s budget for the ${period} is spent`,
    text: `Your team has spent ${dollars(spent)} of ${of}.\n\n${now}\n\nLimits: ${url}/settings/limits\n`,
  }
}
