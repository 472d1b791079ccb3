// Invented care, real codes: CIM-10, CCAM, LOINC, ATC and GHM as a French hospital writes them.

export const pathways = [
  {
    ghm: "05K061",
    units: [["1105", "Urgences"], ["1234", "Soins intensifs cardiologiques"], ["1240", "Cardiologie"]],
    main: ["I210", "Infarctus transmural aigu du myocarde, de la paroi antérieure"],
    others: [
      ["I10", "Hypertension essentielle (primitive)"],
      ["E780", "Hypercholestérolémie essentielle"],
      ["Z955", "Présence d’un implant et d’une greffe coronaires"],
    ],
    acts: [
      ["DDAF001", "Dilatation intraluminale d’un vaisseau coronaire sans pose d’endoprothèse, par voie artérielle transcutanée"],
      ["DDQH009", "Artériographie coronaire sans ventriculographie gauche, par voie artérielle transcutanée"],
      ["DEQP003", "Électrocardiographie sur au moins 12 dérivations"],
    ],
    drugs: [["B01AC06", "Acide acétylsalicylique 75 mg", "orale"], ["C10AA05", "Atorvastatine 80 mg", "orale"], ["B01AB05", "Énoxaparine 6000 UI", "sous-cutanée"]],
  },
  {
    ghm: "04M052",
    units: [["1105", "Urgences"], ["2310", "Pneumologie"]],
    main: ["J189", "Pneumopathie, sans précision"],
    others: [["J441", "Maladie pulmonaire obstructive chronique avec épisodes aigus, sans précision"], ["E119", "Diabète sucré de type 2, sans complication"]],
    acts: [["ZBQK002", "Radiographie du thorax"], ["GLQP012", "Mesure des gaz du sang"]],
    drugs: [["J01CR02", "Amoxicilline et acide clavulanique 1 g", "intraveineuse"], ["R03AC02", "Salbutamol 5 mg", "inhalée"]],
  },
  {
    ghm: "11M041",
    units: [["3120", "Néphrologie"]],
    main: ["N185", "Maladie rénale chronique, stade 5"],
    others: [["D631", "Anémie au cours de maladies rénales chroniques"], ["I120", "Néphropathie hypertensive, avec insuffisance rénale"]],
    acts: [["JVJF004", "Épuration extrarénale par hémodialyse pour insuffisance rénale chronique"]],
    drugs: [["B03XA02", "Darbépoétine alfa 40 µg", "sous-cutanée"], ["A11CC04", "Calcitriol 0,25 µg", "orale"]],
  },
  {
    ghm: "08C241",
    units: [["4010", "Chirurgie orthopédique"], ["4090", "Rééducation"]],
    main: ["M161", "Coxarthrose primaire, unilatérale"],
    others: [["Z966", "Présence d’implants d’articulations orthopédiques"]],
    acts: [["NEKA020", "Remplacement de l’articulation coxofémorale par prothèse totale"]],
    drugs: [["N02BE01", "Paracétamol 1 g", "orale"], ["B01AF01", "Rivaroxaban 10 mg", "orale"]],
  },
];

export const external = [
  ["Z098", "Examen de contrôle après d’autres traitements pour d’autres affections"],
  ["R074", "Douleur thoracique, sans précision"],
];

export const analytes = [
  { code: "2160-0", label: "Créatinine", unit: "umol/L", low: 45, high: 84, mean: 92, spread: 22, digits: 0, alt: ["mg/L", 0.1131] },
  { code: "2951-2", label: "Sodium", unit: "mmol/L", low: 136, high: 145, mean: 139, spread: 3, digits: 0 },
  { code: "2823-3", label: "Potassium", unit: "mmol/L", low: 3.5, high: 5.1, mean: 4.3, spread: 0.5, digits: 1 },
  { code: "718-7", label: "Hémoglobine", unit: "g/dL", low: 12, high: 16, mean: 12.3, spread: 1.2, digits: 1, alt: ["g/L", 10] },
  { code: "6690-2", label: "Leucocytes", unit: "10*9/L", low: 4, high: 10, mean: 8, spread: 2.5, digits: 1 },
  { code: "777-3", label: "Plaquettes", unit: "10*9/L", low: 150, high: 400, mean: 255, spread: 60, digits: 0 },
  { code: "1988-5", label: "Protéine C réactive", unit: "mg/L", low: null, high: 5, mean: 18, spread: 20, digits: 0, floor: 5 },
  { code: "6598-7", label: "Troponine T hypersensible", unit: "ng/L", low: null, high: 14, mean: 20, spread: 30, digits: 0, floor: 5 },
  { code: "2345-7", label: "Glucose", unit: "mmol/L", low: 3.9, high: 6.1, mean: 6.2, spread: 1.1, digits: 1 },
  { code: "99999-EDS", label: null, unit: null, low: null, high: null, mean: 3, spread: 1, digits: 1 },
];

export const reportTexts = [
  ["Compte rendu d’hospitalisation", `Motif d’hospitalisation
Patient synthétique adressé par le SAMU pour une douleur thoracique évoluant depuis deux heures.

Antécédents
Hypertension artérielle traitée. Pas d’antécédent familial connu.

Histoire de la maladie
Douleur constrictive, irradiant au bras gauche, non calmée par le repos. Électrocardiogramme : sus-décalage du segment ST en antérieur. Coronarographie en urgence, dilatation de l’artère interventriculaire antérieure.

Évolution
Favorable, sans récidive douloureuse. Pas d’insuffisance cardiaque. Éducation thérapeutique débutée.

Conclusion
Retour au domicile. Consultation de contrôle à un mois.`],
  ["Compte rendu de consultation", `Patient synthétique revu en consultation de suivi.

Bon état général, absence de dyspnée. Tension artérielle 128/76 mmHg. Le traitement est bien toléré.

Prochain rendez-vous dans six mois, avec un bilan biologique.`],
  ["Radiographie du thorax", `Technique : incidence de face.

Résultat : silhouette cardiaque de taille normale. Pas de foyer parenchymateux. Pas d’épanchement pleural.`],
];
