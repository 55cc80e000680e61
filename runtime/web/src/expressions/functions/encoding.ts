/** Texts made safe for other languages: addresses, HTML and scripts. */
import { type Family, strict } from "../family.ts";
import { checkedLength } from "./pieces.ts";

const htmlSigns: Readonly<Record<string, string>> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;",
}; // prettier-ignore
const scriptSigns: Readonly<Record<string, string>> = {
  "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "<": "\\u003C", ">": "\\u003E",
  "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}; // prettier-ignore

function encoded(text: string, signs: Readonly<Record<string, string>>): string {
  return checked([...text].map((sign) => signs[sign] ?? sign).join(""));
}

/** Returns a text as it stands in HTML, inside and outside of attributes. */
export function htmlEncoded(text: string): string {
  return encoded(text, htmlSigns);
}

function checked(text: string): string {
  checkedLength([...text].length);
  return text;
}

function inAddress(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return bytes.map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hexadecimal(byte))).join("");
}

function hexadecimal(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

export const encoding: Family = {
  url_encode: strict((_, text: string) => checked(inAddress(text))),
  html_encode: strict((_, text: string) => htmlEncoded(text)),
  script_encode: strict((_, text: string) => encoded(text, scriptSigns)),
};
