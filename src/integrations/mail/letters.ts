import type { Letter } from './port.ts'

export type Worded = { readonly subject: string; readonly text: string }

type Words = { readonly subject: string; readonly lines: readonly string[] }

/** English first, Hindi beneath: nobody has told yet which of the two a reader prefers. */
export function wordLetter(letter: Letter): Worded {
  const [english, hindi] = [inEnglish(letter), inHindi(letter)]
  return {
    subject: `${english.subject} · ${hindi.subject}`,
    text: `${english.lines.join('\n\n')}\n\n—\n\n${hindi.lines.join('\n\n')}\n`,
  }
}

function inEnglish(letter: Letter): Words {
  const hello = `Hello ${letter.name},`
  switch (letter.kind) {
    case 'invitation':
      return {
        subject: 'Your login for SmartReturns',
        lines: [
          hello,
          'you were given a login for SmartReturns. Choose a password here:',
          letter.link,
          `The link works once, for ${letter.days} days.`,
        ],
      }
    case 'password_reset':
      return {
        subject: 'A new password for SmartReturns',
        lines: [
          hello,
          'somebody, probably you, asked for a new password. Choose it here:',
          letter.link,
          `The link works once, for ${letter.minutes} minutes. If it was not you, do nothing: your password stays.`,
        ],
      }
    case 'password_changed':
      return {
        subject: 'Your password was changed',
        lines: [hello, 'your password for SmartReturns was changed.', notYou],
      }
    case 'second_factor_set':
      return {
        subject: 'A second factor was set up',
        lines: [hello, 'a second factor was set up for your login to SmartReturns.', notYou],
      }
    case 'webhook_disabled':
      return {
        subject: `Webhook to ${letter.host} turned off`,
        lines: [
          hello,
          letter.isGone
            ? `${letter.host} said that it wants no more webhooks (410), so nothing is sent there any more.`
            : `${letter.host} has failed for 3 days, so nothing is sent there any more.`,
          'Turn it on again under Webhooks once it works; a replay from a date sends what was missed.',
        ],
      }
    default:
      return {
        subject: 'Your second factor was removed',
        lines: [hello, 'the second factor of your login to SmartReturns was removed.', notYou],
      }
  }
}

const notYou = 'If it was not you, tell your administrator at once.'

function inHindi(letter: Letter): Words {
  const hello = `नमस्ते ${letter.name},`
  switch (letter.kind) {
    case 'invitation':
      return {
        subject: 'SmartReturns के लिए आपका लॉगिन',
        lines: [
          hello,
          'आपको SmartReturns का लॉगिन दिया गया है। अपना पासवर्ड यहाँ चुनें:',
          letter.link,
          `यह लिंक एक ही बार, ${letter.days} दिन तक काम करता है।`,
        ],
      }
    case 'password_reset':
      return {
        subject: 'SmartReturns के लिए नया पासवर्ड',
        lines: [
          hello,
          'किसी ने, शायद आपने, नया पासवर्ड माँगा है। उसे यहाँ चुनें:',
          letter.link,
          `यह लिंक एक ही बार, ${letter.minutes} मिनट तक काम करता है। अगर यह आपने नहीं किया, तो कुछ न करें: आपका पासवर्ड वही रहेगा।`,
        ],
      }
    case 'password_changed':
      return { subject: 'आपका पासवर्ड बदला गया', lines: [hello, 'SmartReturns का आपका पासवर्ड बदला गया।', notYouHindi] }
    case 'second_factor_set':
      return {
        subject: 'दूसरा प्रमाण जोड़ा गया',
        lines: [hello, 'SmartReturns के आपके लॉगिन में दूसरा प्रमाण जोड़ा गया।', notYouHindi],
      }
    case 'webhook_disabled':
      return {
        subject: `${letter.host} का वेबहुक बंद हुआ`,
        lines: [
          hello,
          letter.isGone
            ? `${letter.host} ने कहा कि उसे और वेबहुक नहीं चाहिए (410), इसलिए वहाँ अब कुछ नहीं भेजा जाता।`
            : `${letter.host} 3 दिन से विफल है, इसलिए वहाँ अब कुछ नहीं भेजा जाता।`,
          'ठीक होने पर उसे वेबहुक पेज पर फिर से चालू करें; किसी तारीख से फिर से भेजने पर छूटा हुआ सब पहुँच जाता है।',
        ],
      }
    default:
      return {
        subject: 'दूसरा प्रमाण हटाया गया',
        lines: [hello, 'SmartReturns के आपके लॉगिन से दूसरा प्रमाण हटाया गया।', notYouHindi],
      }
  }
}

const notYouHindi = 'अगर यह आपने नहीं किया, तो तुरंत अपने प्रशासक को बताएँ।'
