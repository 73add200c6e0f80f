namespace MultiModal.Pipeline.Runs;

/// <summary>The steps by name: in reports, logs, cache keys, and as names of activities.</summary>
public static class StepNames
{
    public const string TakeInventory = "take-inventory";
    public const string ReadSlice = "read-slice";
    public const string OptimizeImage = "optimize-image";
    public const string AnalyzeImage = "analyze-image";
    public const string PrepareAudio = "prepare-audio";
    public const string TranscribeAudio = "transcribe-audio";
    public const string ReadText = "read-text";
    public const string PlanSynthesis = "plan-synthesis";
    public const string Synthesize = "synthesize";
    public const string WriteReport = "write-report";
}
