/** A pasted curl line as a tool's call: quotes, options, bodies; and that no token in it stands in the clear. */
import { describe, expect, test } from 'vitest'
import { givenOnly, withArguments } from '../../../../src/domain/tools/arguments.ts'
import { readCurl } from '../../../../src/domain/tools/curl.ts'

const read = (line: string) => {
  const answer = readCurl(line)
  if (!answer.ok) throw new Error(answer.message)
  return answer
}

describe('a line', () => {
  test.each<[string, string, object]>([
    ['with an address alone', 'curl https://api.example.com', { method: 'GET', url: 'https://api.example.com/' }],
    [
      'with a query',
      `$ curl 'https://a.example/x?q=a%20b&n=1#top'`,
      { url: 'https://a.example/x', query: { q: 'a b', n: '1' } },
    ],
    [
      'over several lines',
      'curl \\\n  -X PUT \\\r\n  https://a.example/x',
      { method: 'PUT', url: 'https://a.example/x' },
    ],
    [
      'with options in one word',
      `curl -sSLXPATCH https://a.example/x -d'{"a":1}' -H'Content-Type: application/json'`,
      { method: 'PATCH', body: { a: 1 } },
    ],
    [
      'with JSON',
      `curl --json '{"a":[1,"x"],"b":null}' https://a.example/x`,
      { method: 'POST', body: { a: [1, 'x'], b: null } },
    ],
    [
      'with JSON in double quotes',
      `curl -d "{\\"a\\": \\"it's \\$5\\"}" -H "Content-Type: application/json" https://a.example/x`,
      { body: { a: `it's $5` } },
    ],
    [
      'with a form',
      `curl -d name=Kim -d 'city=K%C3%B6ln' https://a.example/x`,
      { body: { name: 'Kim', city: 'Köln' }, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    ['with encoded data', `curl --data-urlencode 'text=a & b' https://a.example/x`, { body: { text: 'a & b' } }],
    [
      'that sends its data as a query',
      `curl -G -d q=1 --data-urlencode 'r=a b' https://a.example/x`,
      { method: 'GET', query: { q: '1', r: 'a b' } },
    ],
    [
      'with text',
      `curl -H 'Content-Type: text/plain' --data-raw '@home, {{ not }}' https://a.example/x`,
      { body: '@home, {{ not }}', headers: { 'content-type': 'text/plain' } },
    ],
    [
      'as browsers copy it',
      `curl 'https://a.example/x' -H 'accept: */*' --data-raw $'{"a":"it\\'s \\u00fc"}' --compressed`,
      { headers: { accept: '*/*' }, body: { a: `it's ü` } },
    ],
    [
      'with a long option and its value',
      'curl --request=DELETE --url=https://a.example/x --max-time 5 -o /dev/null',
      { method: 'DELETE', url: 'https://a.example/x' },
    ],
    ['with something behind it', 'curl https://a.example/x | jq . > out.json', { url: 'https://a.example/x' }],
    ['that takes headers away', `curl https://a.example/x -H 'Accept:' -H 'X-A: b: c'`, { headers: { 'X-A': 'b: c' } }],
    ['without a scheme', 'curl a.example/x', { url: 'https://a.example/x' }],
  ])('%s', (_name, line, call) => expect(read(line).call).toMatchObject(call))

  test.each<[string, string]>([
    ['wget https://a.example', 'must begin with curl'],
    ['curl', 'names no address'],
    [`curl 'https://a.example`, 'is not closed'],
    ['curl https://a.example -F file=@x.png', 'multipart'],
    ['curl https://a.example -d @body.json', 'the file body.json'],
    ['curl https://a.example https://b.example', 'two addresses'],
    ['curl -X PURGE https://a.example', 'PURGE'],
    ['curl https://a.example -H', 'has no value'],
    ['curl -x http://proxy:80 https://a.example', 'proxy'],
    [`curl -d '{"text":"x"}' https://hooks.slack.com/services/T0/B0/canary`, 'slack_webhook'],
    ['', 'must begin with curl'],
  ])('%s is refused in words', (line, words) => {
    expect(readCurl(line)).toMatchObject({ ok: false, message: expect.stringContaining(words) })
  })
})

describe('what signs somebody in', () => {
  const CANARY = 'canary-1f0e77b2c3d4'
  test.each<[string, string, string]>([
    ['a bearer token', `-H 'Authorization: Bearer ${CANARY}'`, 'Bearer {{ secrets.crm }}'],
    ['a key’s header', `-H 'X-Api-Key: ${CANARY}'`, '{{ secrets.crm }}'],
    ['a header that ends like one', `-H 'My-Service-Token: ${CANARY}'`, '{{ secrets.crm }}'],
    ['a name and password', `-u 'kim:${CANARY}'`, 'Basic {{ secrets.crm }}'],
    ['a cookie', `-b 'session=${CANARY}'`, '{{ secrets.crm }}'],
    ['a key in the query', `-G -d api_key=${CANARY}`, '{{ secrets.crm }}'],
    ['a field of the body', `--json '{"deep":{"client_secret":"${CANARY}"}}'`, '{{ secrets.crm }}'],
    ['a field of a form', `-d 'password=${CANARY}'`, '{{ secrets.crm }}'],
    ['a token of a known kind', `-H 'X-Thing: sk_live_${CANARY.replaceAll('-', '')}'`, '{{ secrets.crm }}'],
  ])('%s is named, and its value stands apart', (_name, options, shown) => {
    const { call, secrets } = read(`curl https://api.crm.example/x ${options}`)
    const text = JSON.stringify(call)
    expect(text).not.toContain('canary')
    expect(text).not.toContain(btoa(`kim:${CANARY}`))
    expect(text).toContain(shown)
    expect(secrets).toHaveLength(1)
    expect(secrets[0]!.name).toBe('crm')
    expect(secrets[0]!.value).not.toBe('')
  })

  test('a variable of the shell is a secret whose value is not known, the same value is one secret, a name is free', () => {
    const { call, secrets } = read('curl https://a.example/x -H "Authorization: Bearer $CRM_TOKEN"')
    expect(call.headers).toEqual({ Authorization: 'Bearer {{ secrets.crm_token }}' })
    expect(secrets).toEqual([{ name: 'crm_token', value: '', place: 'header Authorization' }])
    const twice = read(`curl https://a.example/x -H 'X-Api-Key: ${CANARY}' -H 'X-Auth-Token: ${CANARY}'`)
    expect(twice.secrets).toHaveLength(1)
    const taken = readCurl(`curl https://api.crm.example/x -H 'X-Api-Key: ${CANARY}'`, ['crm'])
    expect(taken).toMatchObject({ ok: true, secrets: [{ name: 'crm_2' }] })
  })

  test('a line that names our secrets already keeps them, and a key of repetition is none', () => {
    const { call, secrets } = read(
      `curl https://a.example/x -H 'Authorization: Bearer {{ secrets.crm }}' -H 'Idempotency-Key: abc'`,
    )
    expect(secrets).toEqual([])
    expect(call.headers).toMatchObject({ Authorization: 'Bearer {{ secrets.crm }}', 'Idempotency-Key': 'abc' })
  })
})

describe('arguments', () => {
  test('are made of plain values, with examples; what has no plain name, secrets and nested values stay', () => {
    const call = {
      url: 'https://a.example/x',
      query: { limit: '10', 'a-b': 'c' },
      body: {
        email: 'kim@x.test',
        n: 1.5,
        big: 2,
        ok: true,
        tags: ['a'],
        deep: { a: 1 },
        token: '{{ secrets.crm }}',
        limit: 3,
      },
    }
    const { http, parameters } = withArguments(call)
    expect(http.query).toEqual({ limit: '{{ args.limit }}', 'a-b': 'c' })
    expect(http.body).toEqual({
      ...{
        email: '{{ args.email }}',
        n: '{{ args.n }}',
        big: '{{ args.big }}',
        ok: '{{ args.ok }}',
        tags: '{{ args.tags }}',
      },
      ...{ deep: { a: 1 }, token: '{{ secrets.crm }}', limit: 3 },
    })
    expect(parameters).toMatchObject({
      type: 'object',
      required: ['limit', 'email', 'n', 'big', 'ok', 'tags'],
      properties: {
        n: { type: 'number' },
        big: { type: 'integer' },
        tags: { type: 'array' },
        email: { examples: ['kim@x.test'] },
      },
    })
    expect(withArguments({ url: 'https://a.example/' }).parameters).toEqual({ type: 'object', properties: {} })
  })

  test('that are not given are left out where they stand alone', () => {
    const http = {
      url: 'https://a.example/{{ args.id }}',
      query: { a: '{{ args.a }}', b: 'x {{ args.a }}', c: 'y' },
      body: {
        a: '{{args.a}}',
        list: ['{{ args.a }}', '{{ args.id }}'],
        deep: { a: '{{ args.a }}' },
        s: '{{ secrets.a }}',
      },
    }
    expect(givenOnly(http, { id: 1 })).toEqual({
      url: http.url,
      query: { b: 'x {{ args.a }}', c: 'y' },
      body: { list: ['{{ args.id }}'], deep: {}, s: '{{ secrets.a }}' },
    })
    expect(givenOnly(http, { id: 1, a: null })).toEqual(http)
  })
})
