/** What a page says when it cannot be shown: what happened, what Baton did, what to do, and the request's id. */
import { ButtonLink } from './button.tsx'

export interface PageProblem {
  status: number
  title: string
  /** What Baton did, or did not do, about it. */
  did: string
  /** What the reader can do now. */
  next: string
}

/** The problem of this status, as a page tells it; `over` replaces what is known better. */
export function pageProblem(status: number, over: Partial<PageProblem> = {}): PageProblem {
  return { status, ...(PROBLEMS[status] ?? PROBLEMS[500]!), ...over }
}

const PROBLEMS: Record<number, Omit<PageProblem, 'status'>> = {
  400: {
    title: 'This request could not be read',
    did: 'Nothing was changed.',
    next: 'Go back, reload the page and try again.',
  },
  403: { title: 'This is not allowed', did: 'Nothing was changed.', next: 'Ask an owner or admin of your team.' },
  404: {
    title: 'Nothing is here',
    did: 'It may have been deleted, or it belongs to another team.',
    next: 'Check the address, or look for it among your workflows.',
  },
  409: {
    title: 'This has moved on',
    did: 'Nothing was changed.',
    next: 'Look at how it stands now, then repeat what still applies.',
  },
  422: {
    title: 'Something in this form is not right',
    did: 'Nothing was changed.',
    next: 'Go back, correct it and send it again.',
  },
  429: { title: 'Too many tries', did: 'This one was not carried out.', next: 'Wait a minute and try again.' },
  500: {
    title: 'Something went wrong on our side',
    did: 'It was written to the log. Tasks that are running are not affected: their state is kept apart from this page.',
    next: 'Try again. If it stays, tell whoever runs this Baton the request id.',
  },
  503: {
    title: 'This cannot be answered right now',
    did: 'Nothing was accepted, so nothing is lost.',
    next: 'Try again in a few seconds.',
  },
}

export const ErrorContent = ({ problem, requestId }: { problem: PageProblem; requestId: string }) => (
  <div class="error-page">
    <p class="status">{problem.status}</p>
    <h1>{problem.title}</h1>
    <p>{problem.did}</p>
    <p>{problem.next}</p>
    {problem.status === 404 && (
      <form class="form--inline" action="/workflows" method="get">
        <input class="input grow" type="search" name="q" aria-label="Search workflows" placeholder="Search workflows" />
        <button class="button" type="submit">
          Search
        </button>
      </form>
    )}
    <div class="row">
      <ButtonLink href="/workflows" look="primary">
        To the workflows
      </ButtonLink>
    </div>
    <p class="secondary small">
      Request <code>{requestId}</code>
    </p>
  </div>
)
