/** A question of the inbox as whoever is signed in looks at it: which is meant, who may decide it, and how its page is framed. */
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { may, roleOf } from '../../domain/permissions.ts'
import type { Story, StoryAsk } from '../../domain/task/told/story.ts'
import { publicUrl } from '../../http/context.ts'
import { type PageContext, page } from '../../http/page/page.tsx'
import type { Loaded } from '../../task/page/load.ts'
import type { Viewing } from '../question/show.tsx'
import { type Standing, standingOf } from '../question/standing.ts'
import { OtherQuestions, QuestionLinks } from '../views/others-view.tsx'

/** The question that is meant: the one that is named, else the first that waits for this person, else the first of all. */
function meantAsk({ asks }: Story, who: string, visit: number | null, run: number | null): StoryAsk | undefined {
  const named = asks.filter(ask => (visit === null || ask.visit === visit) && (run === null || ask.run === run))
  return named.find(ask => ask.assignees.some(each => each.email === who && !each.decided)) ?? named[0]
}

/** How a question is framed, and where its form leads back to; unless given, on a page of its own. */
export interface Beside extends Pick<Viewing, 'frame'> {
  back: string
  next: string
}

/** How a question of the inbox is looked at by whoever is signed in. */
export function viewingOf(
  c: PageContext,
  loaded: Loaded,
  visit: number | null,
  run: number | null,
  beside?: Beside,
): Viewing {
  const person = c.get('person')
  const task = loaded.story.view.id
  const who = person.email.toLowerCase()
  const open = meantAsk(loaded.story, who, visit, run)
  const isAsked = open === undefined || open.assignees.some(each => each.email === who)
  return {
    team: person.team.id,
    loaded,
    visit: visit ?? open?.visit ?? loaded.story.view.visit,
    run: run ?? open?.run ?? 1,
    // Whoever is in the team may look; the page says who can decide.
    who: isAsked ? who : null,
    barred: isAsked
      ? undefined
      : `Only ${open.assignees.map(each => each.email).join(', ') || 'an assignee'} can decide this.`,
    sent: null,
    action: `/approvals/${task}`,
    owner: roleOf(person.role) === 'owner' || loaded.story.definition.owner?.toLowerCase() === who,
    expires: null,
    frame: beside?.frame ?? ((title, content, status) => framed(c, title, content, status)),
    hidden: beside && (
      <>
        <input type="hidden" name="back" value={beside.back} />
        <input type="hidden" name="next" value={beside.next} />
      </>
    ),
    links: (
      <>
        <OtherQuestions story={loaded.story} shown={open} />
        <QuestionLinks
          task={task}
          ask={open}
          canAct={may(person, 'tasks.act')}
          address={
            open === undefined ? null : publicUrl(c.env, `/approvals/${task}?visit=${open.visit}&run=${open.run}`)
          }
        />
        {beside === undefined && (
          <p>
            <a href="/approvals">Back to your approvals</a>
          </p>
        )}
      </>
    ),
  }
}

/** How the question that is looked at stands. */
export function standing({ loaded, visit, run, who }: Viewing): Standing {
  return standingOf(loaded.story, loaded.visits, { visit, run, who })
}

/** A question on a page of its own. */
export function framed(c: PageContext, title: string, content: Child, status: ContentfulStatusCode) {
  return page(
    c,
    { title, active: 'approvals', styles: ['approval'], scripts: ['drafts'] },
    <div class="approval-page">{content}</div>,
    status,
  )
}

/** A visit's or run's number as forms and addresses say it; null: it is none. */
export function asNumber(text: string | null | undefined): number | null {
  return text && /^\d{1,6}$/.test(text) ? Number(text) : null
}
