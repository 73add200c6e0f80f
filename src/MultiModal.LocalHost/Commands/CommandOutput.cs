using System.Text.Json;
using MultiModal.Pipeline;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Where a command writes: tables and lines for people, or one JSON document for programs (docs/command-line.schema.json). With JSON, what people
/// would read meanwhile goes to standard error.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="errors">Standard error.</param>
/// <param name="isJson">Whether the user asked for JSON.</param>
internal sealed class CommandOutput(IAnsiConsole output, IAnsiConsole errors, bool isJson)
{
    /// <summary>Where people are told what is happening.</summary>
    public IAnsiConsole Console => isJson ? errors : output;

    /// <summary>Writes the result of the command.</summary>
    /// <param name="result">The document for programs.</param>
    /// <param name="show">Shows it to people.</param>
    public void Write<T>(T result, Action<IAnsiConsole> show)
    {
        if (isJson) output.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(result, PipelineJson.Indented));
        else show(output);
    }
}

/// <summary>What the result of a command is written as.</summary>
internal enum OutputFormat
{
    /// <summary>Tables on a terminal; tab-separated lines otherwise.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,
}
