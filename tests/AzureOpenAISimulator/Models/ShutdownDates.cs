namespace AzureOpenAISimulator.Models;

/// <summary>
/// The days on which OpenAI's models end, as <c>GET /v1/models</c> says them: mirror of developers.openai.com/api/docs/deprecations.md of 2026-09-11;
/// for those of 2027-01-14 and 2027-04-01 only transcriptions could be read (dev.to/max_bob, 2026-10-28, compared with <c>shutdown_date</c>).
/// </summary>
internal static class ShutdownDates
{
    private static readonly (DateOnly Day, string[] Models)[] Announced =
    [
        (new(2026, 10, 23), ["o1", "o3-mini", "o4-mini", "gpt-4.1-nano"]),
        (new(2026, 12, 11), ["gpt-5", "gpt-5-mini", "gpt-5-nano", "o3"]),
        (new(2027, 1, 14), ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini"]),
        (new(2027, 2, 26), ["whisper", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"]),
        (new(2027, 4, 1), ["gpt-5.1", "gpt-5.4-nano"]),
    ];

    /// <returns>Null where none is announced.</returns>
    public static DateOnly? Find(string model)
    {
        foreach (var (day, models) in Announced)
        {
            if (models.Contains(model)) return day;
        }
        return null;
    }
}
