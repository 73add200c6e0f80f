using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Runs a command and turns whatever ends it into one line on standard error (a stable code and a sentence) and an exit code. Each wrong setting has
/// a line of its own. The details of an error follow only if the user asks for them.
/// </summary>
internal static class CommandGuard
{
    /// <param name="command">The command.</param>
    /// <param name="verbose">Whether the details of an error are written as well.</param>
    /// <param name="errors">Where the line is written.</param>
    /// <param name="interrupted">Signals that the user ended the command.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> command, bool verbose, TextWriter errors, CancellationToken interrupted)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            var failures = FailuresOf(e);
            foreach (var failure in failures) await errors.WriteLineAsync(VisibleText.Of($"{failure.Code}: {failure.Message}"));
            if (verbose) await errors.WriteLineAsync(e.ToString());
            else if (failures[0].Code == FailureCodes.UnexpectedError) await errors.WriteLineAsync("--verbose shows the details.");
            return ExitCode.For(failures[0]);
        }
    }

    /// <summary>What an exception is for the user: a failure for each wrong setting, and one failure otherwise.</summary>
    private static Failure[] FailuresOf(Exception exception) => exception is OptionsValidationException settings
        ? [.. settings.Failures.Select(wrong => new Failure(FailureCodes.InvalidSetting, wrong))]
        : [FailureOf(exception)];

    private static Failure FailureOf(Exception exception) => exception switch
    {
        RefusedException e => e.Failure,
        AuthenticationFailedException e => new Failure(
            FailureCodes.StorageDenied, $"Signing in to the storage account failed. {Said(e)}"),
        RequestFailedException { Status: 401 or 403 } e => new Failure(
            FailureCodes.StorageDenied, $"The storage account refuses the request ({e.ErrorCode}). Check the key, or the role of this identity."),
        RequestFailedException e when !StorageFaults.IsTransient(e) => new Failure(
            FailureCodes.StorageUnreachable, $"The storage account does not accept the request (HTTP {e.Status}, {e.ErrorCode}). {Said(e)}"),
        IOException { InnerException: { } inner } e when Find<SocketException>(inner) is { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            CannotListen(e),
        SocketException e => CannotListen(e),
        IOException e when e is not HttpIOException && Find<SocketException>(e) is null => new Failure(FailureCodes.FileNotAccessible, Said(e)),
        UnauthorizedAccessException e => new Failure(FailureCodes.FileNotAccessible, Said(e)),
        _ when StorageFaults.IsTransient(exception) => new Failure(
            FailureCodes.StorageUnreachable, $"The storage account stopped answering. {Said(exception)}", Retryable: true),
        _ => new Failure(
            FailureCodes.UnexpectedError, $"The command ended because of an error in the product or in its installation. {Said(exception)}"),
    };

    private static Failure CannotListen(Exception e) =>
        new(FailureCodes.AddressNotAvailable, $"The host can't listen on its address. {Said(e)} Choose another one with LocalHost:Url.");

    private static T? Find<T>(Exception? exception) where T : Exception
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is T found) return found;
        }

        return null;
    }

    /// <summary>The first line of what the exception says, as a sentence.</summary>
    private static string Said(Exception exception)
    {
        var line = exception.Message.Split('\n')[0].Trim();
        return line.EndsWith('.') ? line : $"{line}.";
    }
}
