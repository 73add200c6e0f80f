using System.Collections.Frozen;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>The commonest words of some languages: they show which language a text is in, and nothing about its subject.</summary>
internal static class StopWords
{
    // Below this share of stop words a text is a list, a table or in a language that is not in this table.
    private const double LeastShare = 0.12;
    private const int LeastHits = 3;

    private static readonly FrozenDictionary<string, FrozenSet<string>> ByLanguage = new Dictionary<string, string>
    {
        ["en"] = "the a an and or but if so of to in on at by for with from into about as is are was were be been being am do does did done have "
            + "has had having will would can could shall should may might must "
            + "not no yes this that these those there here it its it's i'm i you he she we they me him her us them my your his our their who whom "
            + "whose which what when where why how all any both each few more most "
            + "other some such only own same than too very just also then now up down out over under again once because while during before after "
            + "between through until against per via let let's please need needs "
            + "get got go going gone make made take taken one two get really well okay ok uh um like know think say said see thing things way "
            + "much many new still back even first last next",
        ["de"] = "der die das den dem des ein eine einen einem einer eines und oder aber wenn dass daß weil als wie so zu zum zur im in ins an am "
            + "auf aus bei beim bis durch für gegen mit nach ohne seit über um unter von vom vor "
            + "ist sind war waren wird werden wurde wurden worden sein gewesen bin bist hat haben hatte hatten habe kann können könnte konnte "
            + "muss müssen soll sollen sollte will wollen darf dürfen mag nicht kein keine keinen "
            + "ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen mein dein unser euer dieser diese dieses diesem diesen jener "
            + "jede jeder jedes alle alles auch noch nur schon sehr dann da dort hier jetzt "
            + "man sich was wer wo wann warum doch mal ja nein bitte etwa etwas mehr viel viele wieder sowie bzw also",
        ["fr"] = "le la les l un une des du de d et ou mais si que qu qui quoi dont où ne pas plus n'est n ni ce cet cette ces c'est c il elle "
            + "ils elles on nous vous je j tu me m te t se s lui leur leurs y en au aux à dans sur sous par "
            + "pour avec sans chez entre vers est sont était étaient être été suis es sommes êtes sera seront ai as a avons avez ont avait "
            + "avaient avoir eu fait faire peut peuvent doit doivent faut mon ma mes ton ta tes son sa ses "
            + "notre nos votre vos tout tous toute toutes comme aussi très bien encore déjà alors donc car quand comment pourquoi ici là même "
            + "autre autres veuillez merci oui non avant après",
        ["es"] = "el la los las lo un una unos unas y e o u pero si que qué de del al a en con sin por para sobre entre hasta desde hacia según "
            + "es son era eran fue fueron ser sido soy eres somos está están estaba estar hay ha han había haber "
            + "he hemos tiene tienen tengo tenemos puede pueden debe deben hacer hace no ni sí se me te nos le les su sus mi mis tu tus nuestro "
            + "nuestra este esta estos estas ese esa eso esto aquel como cuando donde quien cual muy más "
            + "menos también ya aún todavía todo todos toda todas otro otra otros otras porque cada favor así entonces antes después",
        ["it"] = "il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle al allo alla ai agli alle dal dalla "
            + "dai nel nella nei nelle sul sulla e ed o ma se che chi cui non è sono era erano essere stato "
            + "ho hai ha abbiamo avete hanno aveva avere può possono deve devono fare io tu lui lei noi voi loro mi ti ci vi si mio tuo suo "
            + "nostro questo questa questi queste quello quella come quando dove perché anche più molto già ancora tutto tutti ogni",
        ["pt"] = "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem sobre entre até e ou mas se que quem "
            + "qual não é são era eram ser foi foram está estão estava estar há tem têm tinha ter pode podem deve devem "
            + "fazer eu tu ele ela nós eles elas me te lhe seu sua seus suas meu minha nosso nossa este esta estes estas esse essa isso isto "
            + "aquele como quando onde porque também já ainda mais muito todo todos toda todas cada",
        ["nl"] = "de het een en of maar als dat dit die deze er is zijn was waren wordt worden werd ben bent heeft hebben had kan kunnen moet "
            + "moeten zal zullen zou wil niet geen ik jij je hij zij ze wij we jullie mij me hem haar ons hun mijn zijn "
            + "van voor met op aan in uit bij naar om te door over onder tot tegen zonder na ook nog al dan toen nu hier daar wat wie waar "
            + "wanneer waarom hoe heel meer veel alle elke ander andere",
    }.ToFrozenDictionary(l => l.Key, l => l.Value.Split(' ').ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    private static readonly FrozenSet<string> All = ByLanguage.Values.SelectMany(v => v).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The words to leave out of a text in this language; those of every language where the language is not known.</summary>
    public static FrozenSet<string> For(string? language) => language is not null && ByLanguage.TryGetValue(language, out var words) ? words : All;

    /// <param name="words">Words in lowercase.</param>
    /// <returns>ISO 639-1 code, or null where the text does not show it.</returns>
    public static string? Detect(IReadOnlyCollection<string> words)
    {
        var hits = ByLanguage
            .Select(l => (Language: l.Key, Count: words.Count(l.Value.Contains)))
            .OrderByDescending(h => h.Count)
            .ThenBy(h => h.Language, StringComparer.Ordinal)
            .ToList();
        var best = hits[0];
        return best.Count >= LeastHits && best.Count >= words.Count * LeastShare && best.Count > hits[1].Count ? best.Language : null;
    }
}
