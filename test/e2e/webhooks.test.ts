import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openTestbed } from '@quartermaster/testing/testbed'
import { pino } from 'pino'
import { startServer } from 'quartermaster'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'

interface Made {
  readonly id: string
  readonly secret: string
}

test('a tenant is told, signed and once, that an account needs its user', async () => {
  const testbed = await openTestbed()
  onTestFinished(testbed.close)
  const heard: { headers: Record<string, string>; body: string }[] = []
  const told = new Promise<void>((resolve) => {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => {
        heard.push({ headers: request.headers as Record<string, string>, body })
        response.writeHead(204).end()
        resolve()
      })
    }).listen(0, '127.0.0.1', async () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
      const { status, body } = await testbed.admin('POST', '/webhook-endpoint', { tenant: 'acme', url })
      expect(status).toBe(201)
      made = body as Made
      expect(made.secret).toMatch(/^whsec_/)
      testbed.control('hubspot').revokeGrants()
      const { url: toolUrl } = await testbed.issue('hubspot')
      const { value } = await testbed.call(toolUrl, 'list_all_hub_spot_contacts')
      expect(value).toMatchObject({ error: { code: 'needs_reauth' } })
    })
    onTestFinished(() => void server.close())
  })
  let made: Made | undefined
  await told
  expect(heard).toHaveLength(1)
  const event = new Webhook(made!.secret).verify(heard[0]!.body, heard[0]!.headers)
  expect(event).toMatchObject({
    type: 'account.needs_reauth',
    data: { account_id: testbed.accounts['hubspot'], tenant: 'acme', reason: 'revoked', epoch: 1 },
  })

  const list = await testbed.admin('GET', '/webhook-endpoint?tenant=acme')
  expect(JSON.stringify(list.body)).not.toContain('whsec_')
  expect(list.body).toMatchObject({ result: [{ id: made!.id, disabled_at: null }] })
  expect((await testbed.admin('DELETE', `/webhook-endpoint/${made!.id}`)).status).toBe(204)
  expect((await testbed.admin('DELETE', `/webhook-endpoint/${made!.id}`)).status).toBe(404)
})

test('an endpoint that is not https, or leads inside, is refused', async () => {
  const server = await startServer({
    dataDir: undefined,
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    allowedHosts: [],
    app: () => undefined,
    log: pino({ level: 'silent' }),
    env: {},
  })
  onTestFinished(server.stop)
  const post = (url: string) =>
    fetch(`${server.url}/webhook-endpoint`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'acme', url }),
    }).then(({ status }) => status)
  for (const url of [
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'https://user:pass@hooks.example.com/',
    'https://hooks.example.com/#x',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    expect([url, await post(url)]).toEqual([url, 400])
  }
  expect(await post('https://hooks.example.com/quartermaster')).toBe(201)
})
