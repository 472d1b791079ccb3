import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import { useLocation, navigate, withQuery } from "../app/router";
import { en } from "./en";
import { fr } from "./fr";
import { fillText, locales, type KeyOf, type Language, type Values } from "./texts";

export type TextKey = KeyOf<typeof fr>;

/** Gives the text of a key; a text with values between braces does not compile without them. */
export type Translate = <K extends TextKey>(key: K, ...values: Values<typeof fr, K>) => string;

export interface Speech {
  t: Translate;
  language: Language;
  locale: string;
  setLanguage: (language: Language) => void;
}

const storageKey = "eds.language";

function isLanguage(value: string | null): value is Language {
  return value === "fr" || value === "en";
}

function storedLanguage(): Language {
  try {
    const stored = localStorage.getItem(storageKey);
    return isLanguage(stored) ? stored : "fr";
  } catch {
    return "fr"; // Storage may be forbidden; French is the house language.
  }
}

function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // The address below still carries the choice.
  }
  navigate(withQuery({ lang: language }), "replace");
}

export function speechOf(language: Language): Speech {
  const catalogue = language === "fr" ? fr : en;
  const t: Translate = (key, ...values) => fillText(catalogue, language, key, values[0]);
  return { t, language, locale: locales[language], setLanguage: chooseLanguage };
}

const SpeechContext = createContext<Speech>(speechOf("fr"));

/** The language is that of `?lang=`, else the one chosen last on this machine, else French. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const asked = new URLSearchParams(useLocation().search).get("lang");
  const language = isLanguage(asked) ? asked : storedLanguage();
  const speech = useMemo(() => speechOf(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <SpeechContext.Provider value={speech}>{children}</SpeechContext.Provider>;
}

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}
