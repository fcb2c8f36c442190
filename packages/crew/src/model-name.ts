/**
 * @module
 * CrewAI writes a model as `provider/model`, LangChain as `provider:model`, and some providers have another name there.
 */

/** CrewAI's name, in the order of the alphabet, and that of `initChatModel`. */
const providers: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  aws: 'bedrock',
  azure: 'azure_openai',
  azure_openai: 'azure_openai',
  bedrock: 'bedrock',
  cerebras: 'cerebras',
  claude: 'anthropic',
  cohere: 'cohere',
  cohere_chat: 'cohere',
  deepseek: 'deepseek',
  fireworks_ai: 'fireworks',
  gemini: 'google-genai',
  google: 'google-genai',
  groq: 'groq',
  mistral: 'mistralai',
  ollama: 'ollama',
  ollama_chat: 'ollama',
  openai: 'openai',
  perplexity: 'perplexity',
  together_ai: 'together',
  vertex_ai: 'google-vertexai',
  xai: 'xai',
}

/** @returns the name for `initChatModel`, or undefined when its provider is not known there. */
export function modelName(llm: string): string | undefined {
  const slash = llm.indexOf('/')
  const colon = llm.indexOf(':')
  // Without a provider LangChain finds it by the model's name; `provider:model` is its own way of writing.
  if (slash < 0 || (colon >= 0 && colon < slash)) return llm
  const provider = Object.hasOwn(providers, llm.slice(0, slash)) ? providers[llm.slice(0, slash)] : undefined
  return provider === undefined ? undefined : `${provider}:${llm.slice(slash + 1)}`
}

export const knownProviders: readonly string[] = Object.keys(providers)
