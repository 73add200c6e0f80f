namespace AzureOpenAISimulator.Metering;

/// <summary>How closely a model is asked to look at an image; <c>detail</c> on the wire.</summary>
public enum ImageDetail
{
    Low,
    High,

    /// <summary>Chat completions refuse it; the models that know it fall into it by <see cref="Auto"/>.</summary>
    Original,

    /// <summary>Also where the request says nothing. What it means differs by model.</summary>
    Auto,
}
