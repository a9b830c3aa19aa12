/** The tasks that are kept by hand: what must occur, each in a task of its own. */
import { SYSTEM } from './kept-task.mjs'

const SENTENCE = 'Acme makes anvils, rockets and giant magnets — “for the discerning coyote”. '
/** Over 16 KiB, so it is a blob; the name keeps one from being another. */
const big = name => `${name}: ${SENTENCE.repeat(225)}`

export const ANA = { kind: 'person', id: 'ana@acme.test', name: 'Ana' }
export const BEN = { kind: 'person', id: 'ben@acme.test', name: 'Ben' }
export const BOT = { kind: 'key', id: 'key_bot', name: 'Bot' }
export const ANA_BY_LINK = { kind: 'link', id: 'Ana@acme.test' }
export const SIGNUP = { kind: 'key', id: 'key_signup' }

const HOUR = 3_600_000
const CAME = {
  headers: { 'content-type': 'application/json', 'user-agent': 'Acme/1.0' },
  query: { from: 'web' },
  type: 'application/json',
  ms: 12,
}
const IDEMPOTENT = { id: 'key_signup idem-1', hash: 'a1'.repeat(32) }
const FAILED_CALL = { code: 'bad_request', message: 'The provider did not take it.', retryable: false }

/** A name → a task on its way. `code` is the engine that its log is made with. */
export function scenarios(code, KeptTask) {
  const { approve, draft, limited, onboarding, oneHuman, onePrompt, publish, research, usage } = code

  function make(definition, over = {}, actor = SIGNUP, key = undefined) {
    const created = { type: 'create', task: 'tsk_1', team: 'acme', ...publish(definition), input: { company: 'Acme' } }
    return new KeptTask().do({ ...created, ...over }, actor, key)
  }

  const branching = draft({
    handoffs: [
      { when: 'good', to: 'complete' },
      { when: 'poor', if: 'input.company == "Acme" && task.visit < 3', to: 'draft' },
      { if: 'output.missing > 3', to: 'complete' },
    ],
  })
  const twoSteps = (human, over) => onboarding({ steps: [draft(), approve({ edits: 'draft', ...human })], ...over })
  const drafted = (human, over) => make(twoSteps(human, over)).answer('Dear Acme')

  function everyFieldBig() {
    const notes = big('Notes')
    const first = onboarding({
      steps: [
        research({ instructions: `${big('Instructions')} {{ input.notes }}` }),
        draft({ prompt: '{{ steps.research.output.text }}' }),
        approve({ edits: 'draft' }),
      ],
    })
    const source = { kind: 'webhook', id: 'int_1', delivery: 'dlv_1', request: CAME, data: big('Body') }
    const task = make(first, { input: { company: 'Acme', notes }, source })
    task.answer({ text: big('Research') }).answer(big('Draft'))
    task.do({ type: 'event', name: 'reply', data: { text: big('Reply') } }, SYSTEM)
    task.decide('rejected', ANA, { edits: big('Edited') }).answer(big('Second draft'))
    const next = publish({ ...first, description: 'The next version.' }, 4)
    task.do({ type: 'migrate', ...next, step: 'approve' }, ANA)
    task.do({ type: 'move', step: 'draft', input: { company: 'Acme', notes: big('Other notes') } }, ANA)
    return task.answer(big('Third draft')).decide('approved', BEN)
  }

  return {
    'a whole way with small values': () =>
      make(onboarding(), { title: '  Welcome\n Acme  ' }, SIGNUP, IDEMPOTENT)
        .answer('Anvils.', { chain: true })
        .answer('Dear Acme', { usage: usage({ model: 'demo' }), reasoning: 'It was asked for.' })
        .decide('rejected', BEN, { note: ' Too short. ' }, { id: 'key_bot idem-2', hash: 'b2'.repeat(32) })
        .answer({ text: 'Dear Acme, welcome!', words: 3, ok: true, none: null, list: [1.5, 'two'] }, { usage: null })
        .decide('approved', ANA_BY_LINK),
    'every field big': everyFieldBig,
    'a rerun with small values': () =>
      make(onboarding(), {
        source: { kind: 'task', id: 'tsk_0' },
        begin: {
          step: 'approve',
          outputs: [
            { step: 'research', visit: -2, output: { facts: ['anvils'] }, decision: null },
            { step: 'draft', visit: -1, output: 'Dear Acme', decision: null },
            { step: 'approve', visit: 0, output: null, decision: { handoff: 'rejected', note: 'No.', by: BEN.id } },
          ],
          last: { step: 'approve', output: null, handoff: 'rejected', note: 'No.', by: BEN.id },
        },
      }),
    'a rerun with big values': () =>
      make(onboarding(), {
        source: { kind: 'task', id: 'tsk_0' },
        begin: {
          step: 'draft',
          outputs: [{ step: 'research', visit: 0, output: big('Research'), decision: null }],
          last: { step: 'research', output: { text: big('Research') }, handoff: 'done', note: null, by: null },
        },
      }).answer('Dear Acme'),
    'a webhook whose body is not the input': () =>
      make(onboarding(), {
        source: {
          kind: 'webhook',
          id: 'int_1',
          delivery: 'dlv_1',
          request: CAME,
          data: '{"Co":"Acme"}',
          replays: 'dlv_0',
        },
      }),
    'a form': () =>
      make(onboarding(), { source: { kind: 'form', id: 'int_2', delivery: 'dlv_2', request: CAME } }, SYSTEM),
    'a mail, as a test': () =>
      make(onboarding(), { source: { kind: 'email', id: 'int_3', delivery: 'dlv_3', replays: 'test' } }, SYSTEM),
    'a schedule': () => make(onboarding(), { source: { kind: 'schedule', id: 'int_4' } }, SYSTEM),
    'made by hand': () => make(onboarding(), { source: { kind: 'hand', id: ANA.id } }, ANA),

    'beaten with and without a call': () =>
      make(onboarding()).claim().beat().beat({ id: 'call_1', repeatable: true }).beat(),
    'lapsed, then answered late and booked': () => {
      const task = make(onboarding()).claim()
      const late = task.ref()
      task.wake()
      const outcome = { kind: 'completed', output: 'Too late.', confidence: 1 }
      task.do({ type: 'report', ...late, outcome, usage: usage({ model: 'unheard-of' }), chain: false })
      return task.claim()
    },
    'lapsed in a call that may be repeated': () =>
      make(onboarding()).claim().beat({ id: 'call_1', repeatable: true }).wake().lapse(),
    'retried later as the provider asked': () =>
      make(onboarding()).fail({ code: 'rate_limited', retryAfterMs: 90_000 }).fail({ code: 'unreachable' }),
    'retried by hand': () =>
      make(onePrompt({ retry: { attempts: 2 } }))
        .fail()
        .fail({ code: 'invalid_output' }, usage())
        .later(HOUR)
        .do({ type: 'retry' }, BOT)
        .fail({ code: 'empty_answer' }),
    'a timeout with a handoff of its own': () =>
      make(
        onboarding({ steps: [draft({ handoffs: [{ when: 'timeout', to: 'approve' }, { to: 'draft' }] }), approve()] }),
      ).fail({ code: 'timeout', retryable: false }),
    'a failure with a handoff of its own': () =>
      make(onboarding({ steps: [draft({ handoffs: [{ when: 'failed', to: 'approve' }] }), approve({ needs: 2 })] }))
        .fail(FAILED_CALL, usage())
        .decide('approved', ANA),
    ...Object.fromEntries(
      code.FAILURE_CODES.filter(failure => failure !== 'template').map(failure => [
        `failed: ${failure}`,
        () => make(onePrompt({ retry: { attempts: 1 } })).fail({ code: failure, message: `It said ${failure}` }),
      ]),
    ),

    'held, not configured': () => make(onboarding()).answer('Anvils.').hold('provider_not_configured'),
    'held, offline': () => make(onboarding()).hold('provider_offline', 120_000),
    'held, released and held again': () =>
      make(onboarding())
        .hold('provider_offline', 5000)
        .wake()
        .hold('provider_not_configured')
        .wake()
        .hold('provider_offline'),
    'held, released and due': () => make(onboarding()).hold('provider_offline', 5000).wake(),

    'roles looked up': () =>
      make(oneHuman({ assign: ['role:admin', 'Ana@acme.test'], due: '2d', overdue: { assign: ['role:legal'] } })).do({
        type: 'resolve',
        visit: 1,
        run: 1,
        people: { admin: ['ben@acme.test', 'ana@acme.test'], legal: ['boss@acme.test'] },
      }),
    'roles that nobody has': () =>
      make(oneHuman({ assign: ['role:admin'] })).do({ type: 'resolve', visit: 1, run: 1, people: { admin: [] } }),
    'roles, still looked up, after a draft': () =>
      make(twoSteps({ assign: ['role:admin', 'role:legal'] })).answer('Dear Acme'),
    'two of three approvals given': () =>
      drafted({ needs: 3, assign: ['ana@acme.test', 'ben@acme.test', 'boss@acme.test'], reason: ['rejected'] })
        .decide('approved', ANA_BY_LINK)
        .decide('approved', BOT, { note: 'As agreed.' }),
    'an edit after an approval': () =>
      drafted({ needs: 2, due: '1h' }).decide('approved', ANA).decide('approved', BEN, { edits: 'Dear friends' }),
    'an edit of an object': () =>
      make(
        onboarding({
          steps: [
            draft({ output: { type: 'object', properties: { subject: { type: 'string' } } } }),
            approve({ edits: 'draft', needs: 2 }),
          ],
        }),
      )
        .answer({ subject: 'Hi' })
        .decide('approved', BEN, { edits: { subject: 'Welcome' } }),
    'overdue, others asked': () => drafted({ due: '1h', overdue: { assign: ['boss@acme.test'] } }).wake(),
    'overdue, nobody else to ask': () =>
      drafted({ due: '1h' })
        .later(2 * HOUR)
        .do({ type: 'event', name: 'ping', data: 1 }, BOT),
    'overdue, the default was taken': () => drafted({ due: '1h', overdue: { handoff: 'rejected' } }).wake(),
    'assigned by command': () => drafted({}).do({ type: 'assign', to: ['Boss@acme.test', 'boss@acme.test'] }, ANA),
    'assigned to nobody': () => drafted({}).do({ type: 'assign', to: [] }, ANA),
    'assigned to nobody, then to somebody': () =>
      drafted({})
        .do({ type: 'assign', to: [] }, ANA)
        .do({ type: 'assign', to: ['ben@acme.test'] }, BOT),
    'the requester may not decide': () => make(oneHuman({ requester: false }), {}, ANA),
    unsure: () =>
      make(onboarding({ steps: [branching] })).answer(
        { missing: 1 },
        { handoff: 'good', confidence: 0.2, reasoning: 'Hm.' },
      ),
    'unsure with no owner': () =>
      make(onboarding({ owner: undefined, steps: [branching] })).answer(
        { missing: 1 },
        { handoff: 'good', confidence: 0.1 },
      ),
    'unsure, decided by its owner': () =>
      make(onboarding({ steps: [branching] }))
        .answer('text', { handoff: 'good', confidence: 0.2 })
        .decide('poor', ANA),
    'unsure with a handoff of its own': () =>
      make(
        onboarding({ steps: [draft({ confidence: 0.8, handoffs: [{ when: 'unsure', to: 'approve' }] }), approve()] }),
      ).answer('text', { confidence: 0.7 }),

    'routed by hand to a label, with a note': () =>
      make(onboarding({ steps: [branching] }))
        .answer({ missing: 2 }, { handoff: 'middling' })
        .do({ type: 'route', handoff: 'poor', note: ' Once more. ' }, ANA),
    'routed by hand to a step': () =>
      make(onePrompt({ handoffs: undefined }))
        .answer('text')
        .do({ type: 'route', handoff: 'draft' }, BOT),
    'a condition that breaks': () =>
      make(onePrompt({ handoffs: [{ if: 'output.size > 3', to: 'complete' }] })).answer('text'),
    'a dead end routed to complete': () =>
      make(onePrompt({ handoffs: undefined }))
        .answer('text')
        .do({ type: 'route', handoff: 'complete' }, ANA_BY_LINK),
    'done with nothing to show': () => make(oneHuman()).decide('approved', BEN),
    'moved with another input': () =>
      make(onboarding({ input: undefined }))
        .claim()
        .do({ type: 'move', step: 'draft', input: ['Globex', 2] }, ANA),
    'moved back from a question': () => drafted({}).do({ type: 'move', step: 'draft' }, ANA),
    'moved out of a hold': () => make(onboarding()).hold('provider_offline').do({ type: 'move', step: 'approve' }, ANA),
    'migrated while a run was claimed, answered late': () => {
      const task = make(onboarding()).claim()
      const late = task.ref()
      const next = publish(onboarding({ limits: { duration: '30d' }, steps: [draft(), approve()] }), 4)
      task.do({ type: 'migrate', ...next, step: 'draft' }, ANA)
      const outcome = { kind: 'failed', failure: FAILED_CALL }
      return task.do({ type: 'report', ...late, outcome, usage: usage(), chain: false })
    },
    'migrated out of stuck, its step gone': () =>
      make(onePrompt({ handoffs: [{ to: 'nowhere' }] }))
        .answer('text')
        .do({ type: 'migrate', ...publish(onboarding({ steps: [approve()] }), 4), step: 'approve' }, BOT),
    'raised: steps, then on to the next limit': () =>
      make(limited({ steps: 1 }, [draft({ handoffs: [{ to: 'draft' }] })]))
        .answer('one')
        .do({ type: 'raise', limits: { steps: 2 } }, ANA)
        .answer('two'),
    'raised: cost, between two tries': () =>
      make(limited({ cost: 0.01 }, [draft({ model: 'gpt-5-mini' })]))
        .fail({ code: 'malformed_answer' }, usage({ outputTokens: 5000 }))
        .do({ type: 'raise', limits: { cost: 5 } }, ANA),
    'raised: duration, a question open': () =>
      make(limited({ duration: '12h' }, [approve()]))
        .wake()
        .do({ type: 'raise', limits: { duration: '3d' } }, ANA),
    'raised while nothing was reached': () =>
      make(onboarding()).do({ type: 'raise', limits: { steps: 50, cost: 1.5, duration: '90d' } }, BOT),
    'raised: roles looked up again': () =>
      make(limited({ duration: '12h' }, [approve({ assign: ['role:admin'] })]))
        .later(13 * HOUR)
        .do({ type: 'wake' })
        .do({ type: 'raise', limits: { duration: '3d' } }, ANA),
    'a limit with a step of its own, entered once': () =>
      make(limited({ steps: 1, reached: 'approve' }, [draft({ handoffs: [{ to: 'draft' }] }), approve()])).answer(
        'one',
      ),
    'a limit with a step of its own, reached while open': () =>
      make(limited({ duration: '12h', reached: 'approve' }, [draft(), approve()]))
        .later(13 * HOUR)
        .do({ type: 'wake' }),
    'a limit with a step of its own, reached again': () =>
      make(limited({ steps: 1, reached: 'approve' }, [draft({ handoffs: [{ to: 'draft' }] }), approve()]))
        .answer('one')
        .decide('rejected', ANA),
    'failed by the limit of cost': () =>
      make(
        limited({ cost: 0.01, reached: 'fail' }, [draft({ model: 'gpt-5-mini', handoffs: [{ to: 'draft' }] })]),
      ).answer('text', { usage: usage({ outputTokens: 5000 }) }),
    'failed by the limit of duration, then retried': () =>
      make(limited({ duration: '12h', reached: 'fail' }, [draft()]))
        .later(13 * HOUR)
        .do({ type: 'wake' })
        .do({ type: 'retry' }, ANA),
    'noticed in every manner': () =>
      drafted({})
        .do({ type: 'event', name: 'reply', data: { from: 'kim@globex.test', text: 'Fine.' } }, SYSTEM)
        .do({ type: 'event', name: 'invoice.paid', data: null }, BOT, IDEMPOTENT)
        .do({ type: 'event', name: 'note', data: ['a', 1, true] }, ANA),
    'cancelled with no note while claimed, answered late': () => {
      const task = make(onboarding()).claim()
      const late = task.ref()
      task.do({ type: 'cancel' }, BOT)
      const outcome = { kind: 'completed', output: 'Too late.' }
      return task.do({ type: 'report', ...late, outcome, usage: usage(), chain: true })
    },
    'cancelled with a note, stuck': () =>
      make(onePrompt({ handoffs: undefined }))
        .answer('text')
        .do({ type: 'cancel', note: ' Not needed. ' }, ANA),
    'data that looks like a reference': () => {
      const lookalike = { $blob: 'c3'.repeat(32), bytes: 3, head: 'abc' }
      return make(onePrompt({}, { input: undefined, title: undefined }), { input: lookalike }).answer(lookalike)
    },
  }
}
