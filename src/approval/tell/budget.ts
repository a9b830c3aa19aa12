/** How a team hears that a mark of its budget is reached: the Gate is given this (index.ts). */
import type { Crossing } from '../../domain/gate/spending.ts'
import { dollars } from '../../domain/money.ts'
import type { Env } from '../../env.ts'
import { membersByRole } from '../../records/people/teams.ts'
import { type ToTell, tellChannels, tellPerson } from './message.ts'

/** Tells each admin and owner and the team's channels: each mark once in its day or month. */
export async function tellBudget(env: Env, team: string, crossing: Crossing): Promise<void> {
  const now = Date.now()
  const told = budgetTold(team, crossing)
  await tellChannels(env, told, [], now)
  for (const to of await membersByRole(env.DB, team, 'admin')) await tellPerson(env, { ...told, to }, now)
}

/** What it says, to whoever reads it. */
function budgetTold(team: string, { period, name, percent, spent, limit }: Crossing): ToTell {
  const of = `the budget of ${dollars(limit)} for ${period === 'day' ? 'the day' : 'the month'} ${name}`
  const now =
    percent === 100
      ? `Model calls that no longer fit wait and go on by themselves when the next ${period} begins, or when you raise the budget. Nothing fails.`
      : `At 100 % model calls wait until the next ${period} begins, or until you raise the budget. Nothing fails.`
  return {
    kind: 'budget',
    team,
    subject:
      percent === 100
        ? `Your team’s budget for the ${period} is used up`
        : `80 % of your team’s budget for the ${period} is spent`,
    text: `Your team has spent ${dollars(spent)} of ${of}.\n\n${now}\n\nLimits:`,
    path: '/settings/limits',
    key: `budget:${period}:${name}:${percent}:${limit}`,
  }
}
