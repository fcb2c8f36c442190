import { expect, test } from 'vitest'
import { knownProviders, modelName } from './model-name.ts'

test.each([
  ['openai/gpt-5.5', 'openai:gpt-5.5'],
  ['gemini/gemini-2.5-pro', 'google-genai:gemini-2.5-pro'],
  ['vertex_ai/gemini-2.5-pro', 'google-vertexai:gemini-2.5-pro'],
  ['azure/my-deployment', 'azure_openai:my-deployment'],
  ['mistral/large', 'mistralai:large'],
  ['bedrock/anthropic.claude-sonnet-4:0', 'bedrock:anthropic.claude-sonnet-4:0'],
  ['together_ai/meta/llama-4', 'together:meta/llama-4'],
  ['openai:gpt-5.5', 'openai:gpt-5.5'],
  ['together:meta/llama-4', 'together:meta/llama-4'],
  ['gpt-5.5', 'gpt-5.5'],
  ['huggingface/x', undefined],
  ['constructor/x', undefined],
])('modelName(%s) is %s', (llm, name) => {
  expect(modelName(llm)).toBe(name)
})

test('every name is one that initChatModel takes', async () => {
  const { MODEL_PROVIDER_CONFIG } = await import('langchain/chat_models/universal')
  const names = knownProviders.map((provider) => modelName(`${provider}/x`)?.split(':', 1)[0] ?? '')
  expect(Object.keys(MODEL_PROVIDER_CONFIG)).toEqual(expect.arrayContaining(names))
})
