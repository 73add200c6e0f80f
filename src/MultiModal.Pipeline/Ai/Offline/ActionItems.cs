using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>Finds sentences that ask somebody to do something, by how requests are worded in English, German, French and Spanish.</summary>
internal static partial class ActionItems
{
    public static bool IsOne(Sentence sentence) => sentence.Mark switch
    {
        LineMark.OpenBox => true,
        LineMark.TickedBox or LineMark.Heading => false,
        _ => sentence.Words.Count >= 2
            && (Request().IsMatch(sentence.Text) || (Deadline().IsMatch(sentence.Text) && !InstructionPattern().IsMatch(sentence.Text))
            || (sentence.Words.Count >= 3 && Imperative().IsMatch(sentence.Text))),
    };

    [GeneratedRegex(
        @"\b(?:please|to-?do|fixme|action item|action required|needs? to|(?:have|has) to|must(?! have)|(?:we|you|i|they|he|she|someone|everyone) should(?! have)|(?:could|can|would|will) you|let's|let us|make sure|don't forget|do not forget|remember to|is (?:due|responsible)|are due)\b"
        + @"|\b(?:bitte|muss|müssen|musst|müsst|sollte[nt]?|nicht vergessen|zu erledigen|könn(?:t|test|ten) (?:du|ihr|sie)|kannst du)\b"
        + @"|\b(?:veuillez|merci de|il faut|(?:doit|doivent|devons|devez) (?!être)|n'oubliez pas|à faire|pourriez-vous|pouvez-vous)\b"
        + @"|\b(?:por favor|hay que|(?:debe|deben|debemos|tiene que|tienen que|tenemos que|hace falta)|no olvid(?:ar|es|e|en)|pendiente|podr[íi]as?)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Request();

    [GeneratedRegex(
        @"\b(?:(?:by|before|until|no later than) (?:mon|tues|wednes|thurs|fri|satur|sun)day|by (?:tomorrow|tonight|noon|next week|next month|end of|the end of|eod|eow)|deadline|asap)\b"
        + @"|\bbis (?:zum |spätestens )?(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|morgen|ende)\b"
        + @"|\b(?:avant|d'ici|pour) (?:le )?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain)\b"
        + @"|\b(?:antes del?|para el) (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|mañana)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Deadline();

    /// <summary>A match is in the past, and nothing in the same clause is still to come: a deadline that it had no longer applies.</summary>
    [GeneratedRegex(
        @"^(?!.*\b(?:will|shall|'ll|is|are|wird|werden|ist|sind|sera|seront|será|serán)\b).*(?:"
        + @"\b(?:yesterday|last (?:night|week|month|year|spring|summer|autumn|fall|winter|time|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|ago|was|were)\b"
        + @"|\b(?:we|i|they|he|she|it|you|everyone) (?:(?!(?:need|feed|proceed|exceed)\b)\w+ed|sold|sent|made|took|left|ran|got|came|went|had|did|didn't)\b"
        + @"|\b(?:gestern|letzte[nrms]? (?:woche|monat|jahr|nacht|mal)|vorige[nrms]?|damals|war(?:en|st|t)?|hatte[nt]?|wurde[nt]?)\b"
        + @"|\b(?:hier|(?:semaine|année|nuit) dernière|(?:mois|an) dernier|était|étaient|avait|avaient|(?:a|ont) été)\b"
        + @"|\b(?:ayer|(?:semana|mes|año|noche) pasad[oa]|estaban?|fue(?:ron)?|eran?|habían?|hubo)\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InstructionPattern();

    [GeneratedRegex(
        @"^(?:call|send|email|buy|book|check|review|write|fix|update|prepare|order|schedule|confirm|ask|bring|submit|finish|arrange|contact|reply|sign|pay|cancel|register|clean|deliver|collect|print|remind|invite|remove|replace|upload|install) "
        + @"(?:the|a|an|all|to|for|with|about|our|your|my|his|her|their|him|them|us|\p{Lu}\p{L}+|\d+)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Imperative();
}
