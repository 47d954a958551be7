import { connect } from 'amqplib'

/** Takes away what a test made at the shared RabbitMQ; its queues of waiting jobs go by themselves. */
export async function removeQueues(url: string, prefix: string, kinds: Iterable<string>): Promise<void> {
  const connection = await connect(url)
  try {
    const channel = await connection.createChannel()
    for (const kind of kinds) await channel.deleteQueue(`${prefix}.jobs.${kind}`)
    for (const exchange of ['wait', 'back']) await channel.deleteExchange(`${prefix}.${exchange}`)
  } finally {
    await connection.close()
  }
}
